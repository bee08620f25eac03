/* Memory that a test and the imitated driver share: the boards, what was set on them, and what is wrong with them.
 *
 * `machine.py` mirrors these structures field by field. They lie in a mapped file, because settings of a real
 * board outlive the process that wrote them, and go away only with the driver.
 */
#ifndef FAKE_NVML_MACHINE_H
#define FAKE_NVML_MACHINE_H

#include <stdint.h>

#define MACHINE_MAX_GPUS 8

enum fault {
    FAULT_NO_PERMISSION = 1, /* setters of a process that is not root: NVML_ERROR_NO_PERMISSION */
    FAULT_NOT_SUPPORTED = 2, /* setters of a board without the feature: NVML_ERROR_NOT_SUPPORTED */
    FAULT_LOST = 4,          /* fallen off the bus (Xid 79): every call NVML_ERROR_GPU_IS_LOST */
    FAULT_HANG = 8,          /* wedged firmware: calls do not come back until the fault is lifted */
    FAULT_IGNORES = 16,      /* setters answer success and change nothing */
    FAULT_OLD_FIELDS = 32,   /* a driver that does not know the field values of power */
    FAULT_UNENFORCED = 64,   /* a limit that reads back as set, and that the board draws above all the same */
};

/* Where a wedged driver stops answering: calls do not come back until it is lifted. */
enum driver_hang {
    HANG_INIT = 1,   /* nvmlInit */
    HANG_COUNT = 2,  /* nvmlDeviceGetCount */
    HANG_HANDLE = 4, /* nvmlDeviceGetHandleByIndex, of every board */
};

struct gpu {
    char uuid[96];
    char name[96];
    /* written by the test */
    double load; /* 0 idle .. 1 as much as the board can do */
    uint32_t faults;
    uint32_t foreign_limit_mw; /* set out of band, by a BMC or a power service; 0: none */
    uint32_t mig_enabled;
    uint32_t has_profiles;
    uint32_t min_limit_mw, max_limit_mw, default_limit_mw;
    /* written through NVML */
    uint32_t requested_limit_mw;
    uint32_t persistence;
    uint32_t clock_lock_mhz;        /* upper end; 0: none */
    uint32_t memory_clock_lock_mhz; /* 0: none */
    uint32_t setter_calls;
    /* physics */
    uint32_t generation; /* of the driver that these settings were made under */
    double updated_seconds;
    double draw_watts, mean_watts, clock_mhz, energy_mj;
};

struct machine {
    uint32_t size_bytes; /* of this structure, as whoever made the file understands it */
    uint32_t gpu_count;
    uint32_t driver_loaded;
    uint32_t driver_generation; /* counts loads of the driver */
    uint32_t manual_time;       /* 1: time is now_seconds; 0: it is the machine's monotonic clock */
    uint32_t calls;
    uint32_t driver_hangs; /* of enum driver_hang */
    uint32_t setters;      /* calls of setters, of all boards and processes */
    uint32_t kill_at;      /* the process that makes the n-th call of a setter dies of SIGKILL in it; 0: none does */
    uint32_t kill_after;   /* 1: after the setting has changed; 0: before it */
    double now_seconds;
    struct gpu gpus[MACHINE_MAX_GPUS];
};

/* Maps the file that $FAKE_NVML_MACHINE names; NULL where there is none of the right size. */
struct machine *machine_open(void);
/* One caller at a time, over all threads and processes; a process that is killed lets go. */
void machine_lock(void);
void machine_unlock(void);
double machine_now(const struct machine *machine);

/* Brings draw, clock and energy of a board up to the present. */
void gpu_advance(struct gpu *gpu, const struct machine *machine);
/* The lowest of what was asked in band and out of band. */
uint32_t gpu_enforced_mw(const struct gpu *gpu);

#define GPU_MIN_CLOCK_MHZ 345
#define GPU_MAX_CLOCK_MHZ 1980
#define GPU_CLOCK_STEP_MHZ 15
#define GPU_MEMORY_CLOCK_MHZ 2619
#define GPU_IDLE_WATTS 70.0

#endif
