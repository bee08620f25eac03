/* The part of libnvidia-ml.so.1 that the node agent's driver calls, over boards in shared memory.
 *
 * Names, signatures, error codes and units are those of the NVML API reference (docs.nvidia.com/deploy/nvml-api)
 * and its header nvml.h, API 13. Milliwatts, MHz, millijoules. What a board answers when something is wrong is
 * beside each fault in machine.h.
 */
#include "machine.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef enum {
    NVML_SUCCESS = 0,
    NVML_ERROR_UNINITIALIZED = 1,
    NVML_ERROR_INVALID_ARGUMENT = 2,
    NVML_ERROR_NOT_SUPPORTED = 3,
    NVML_ERROR_NO_PERMISSION = 4,
    NVML_ERROR_NOT_FOUND = 6,
    NVML_ERROR_INSUFFICIENT_SIZE = 7,
    NVML_ERROR_DRIVER_NOT_LOADED = 9,
    NVML_ERROR_GPU_IS_LOST = 15,
} nvmlReturn_t;

typedef struct gpu *nvmlDevice_t;

enum { NVML_CLOCK_GRAPHICS, NVML_CLOCK_SM, NVML_CLOCK_MEM, NVML_CLOCK_VIDEO };
enum { NVML_VALUE_TYPE_UNSIGNED_INT = 1, NVML_VALUE_TYPE_UNSIGNED_LONG_LONG = 3 };
enum { REASON_GPU_IDLE = 0x1, REASON_SW_POWER_CAP = 0x4 };

typedef struct {
    unsigned int fieldId, scopeId;
    long long timestamp, latencyUsec;
    int valueType;
    nvmlReturn_t nvmlReturn;
    union {
        unsigned int uiVal;
        unsigned long long ullVal;
    } value;
} nvmlFieldValue_t;

static struct machine *machine;
static uint32_t initialized_generation;
static int initialized;

/* ---- the library */

static const struct timespec hang_pause = {0, 1000000};

static void wait_for_driver(uint32_t where) {
    while (machine && (__atomic_load_n(&machine->driver_hangs, __ATOMIC_RELAXED) & where)) nanosleep(&hang_pause, NULL);
}

nvmlReturn_t nvmlInitWithFlags(unsigned int flags) {
    (void)flags;
    machine_lock();
    machine = machine_open();
    machine_unlock();
    wait_for_driver(HANG_INIT);
    machine_lock();
    int loaded = machine && machine->driver_loaded;
    if (loaded) initialized_generation = machine->driver_generation;
    initialized = loaded;
    machine_unlock();
    return loaded ? NVML_SUCCESS : NVML_ERROR_DRIVER_NOT_LOADED;
}

nvmlReturn_t nvmlInit_v2(void) { return nvmlInitWithFlags(0); }

/* The library that was initialized on another load of the driver is of no use to this one. */
static nvmlReturn_t library_state(void) {
    if (!machine || !initialized) return NVML_ERROR_UNINITIALIZED;
    if (!machine->driver_loaded) return NVML_ERROR_DRIVER_NOT_LOADED;
    return initialized_generation == machine->driver_generation ? NVML_SUCCESS : NVML_ERROR_UNINITIALIZED;
}

nvmlReturn_t nvmlShutdown(void) {
    nvmlReturn_t state = library_state();
    initialized = 0;
    return state;
}

const char *nvmlErrorString(nvmlReturn_t result) {
    static char text[32];
    snprintf(text, sizeof text, "NVML error %d", result);
    return text;
}

nvmlReturn_t nvmlSystemGetDriverVersion(char *version, unsigned int length) {
    if (library_state() != NVML_SUCCESS) return library_state();
    snprintf(version, length, "580.%u.0", machine->driver_generation);
    return NVML_SUCCESS;
}

/* ---- handles */

static void wait_while_hanging(const struct gpu *gpu) {
    while (__atomic_load_n(&gpu->faults, __ATOMIC_RELAXED) & FAULT_HANG) nanosleep(&hang_pause, NULL);
}

/* Every call on a board begins with this; after NVML_SUCCESS the caller holds the lock. */
static nvmlReturn_t enter(nvmlDevice_t gpu) {
    nvmlReturn_t state = library_state();
    if (state != NVML_SUCCESS) return state;
    if (gpu < machine->gpus || gpu >= machine->gpus + machine->gpu_count) return NVML_ERROR_INVALID_ARGUMENT;
    wait_while_hanging(gpu);
    if (gpu->faults & FAULT_LOST) return NVML_ERROR_GPU_IS_LOST;
    machine_lock();
    machine->calls++;
    gpu_advance(gpu, machine);
    return NVML_SUCCESS;
}

static nvmlReturn_t leave(nvmlReturn_t answer) {
    machine_unlock();
    return answer;
}

nvmlReturn_t nvmlDeviceGetCount_v2(unsigned int *count) {
    wait_for_driver(HANG_COUNT);
    nvmlReturn_t state = library_state();
    if (state == NVML_SUCCESS) *count = machine->gpu_count;
    return state;
}

nvmlReturn_t nvmlDeviceGetHandleByIndex_v2(unsigned int index, nvmlDevice_t *device) {
    nvmlReturn_t state = library_state();
    if (state != NVML_SUCCESS) return state;
    if (index >= machine->gpu_count) return NVML_ERROR_INVALID_ARGUMENT;
    wait_for_driver(HANG_HANDLE);
    *device = &machine->gpus[index];
    return (*device)->faults & FAULT_LOST ? NVML_ERROR_GPU_IS_LOST : NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetHandleByUUID(const char *uuid, nvmlDevice_t *device) {
    nvmlReturn_t state = library_state();
    for (unsigned int i = 0; state == NVML_SUCCESS && i < machine->gpu_count; i++) {
        if (strcmp(machine->gpus[i].uuid, uuid) == 0) return nvmlDeviceGetHandleByIndex_v2(i, device);
    }
    return state == NVML_SUCCESS ? NVML_ERROR_NOT_FOUND : state;
}

/* ---- what can be read */

#define READ(device, expression)                      \
    do {                                              \
        nvmlReturn_t entered = enter(device);         \
        if (entered != NVML_SUCCESS) return entered;  \
        expression;                                   \
        return leave(NVML_SUCCESS);                   \
    } while (0)

/* A board in MIG mode has instances at the first and the third of seven places: places may be empty. Their
 * handles are no boards; all that is asked of them is their UUID. */
#define MIG_PLACES 7
static char instances[MACHINE_MAX_GPUS][MIG_PLACES];

static int instance_place(nvmlDevice_t device) {
    const char *handle = (const char *)device;
    if (handle < &instances[0][0] || handle >= &instances[0][0] + sizeof instances) return -1;
    return (int)(handle - &instances[0][0]);
}

nvmlReturn_t nvmlDeviceGetMaxMigDeviceCount(nvmlDevice_t gpu, unsigned int *count) {
    READ(gpu, *count = MIG_PLACES);
}

nvmlReturn_t nvmlDeviceGetMigDeviceHandleByIndex(nvmlDevice_t gpu, unsigned int place, nvmlDevice_t *instance) {
    nvmlReturn_t entered = enter(gpu);
    if (entered != NVML_SUCCESS) return entered;
    if (place >= MIG_PLACES) return leave(NVML_ERROR_INVALID_ARGUMENT);
    if (!gpu->mig_enabled || (place != 0 && place != 2)) return leave(NVML_ERROR_NOT_FOUND);
    *instance = (nvmlDevice_t)&instances[gpu - machine->gpus][place];
    return leave(NVML_SUCCESS);
}

nvmlReturn_t nvmlDeviceGetUUID(nvmlDevice_t gpu, char *uuid, unsigned int length) {
    int place = instance_place(gpu);
    if (place >= 0) {
        snprintf(uuid, length, "MIG-00000000-0000-0000-%04d-%012d", place % MIG_PLACES, place / MIG_PLACES);
        return library_state();
    }
    READ(gpu, snprintf(uuid, length, "%s", gpu->uuid));
}

/* The driver numbers its files in /dev in an order of its own, not in that of the index. */
nvmlReturn_t nvmlDeviceGetMinorNumber(nvmlDevice_t gpu, unsigned int *minor) {
    READ(gpu, *minor = (unsigned int)(MACHINE_MAX_GPUS - 1 - (gpu - machine->gpus)));
}

nvmlReturn_t nvmlDeviceGetName(nvmlDevice_t gpu, char *name, unsigned int length) {
    READ(gpu, snprintf(name, length, "%s", gpu->name));
}

nvmlReturn_t nvmlDeviceGetPowerUsage(nvmlDevice_t gpu, unsigned int *milliwatts) {
    READ(gpu, *milliwatts = (unsigned int)(gpu->mean_watts * 1000.0));
}

nvmlReturn_t nvmlDeviceGetTotalEnergyConsumption(nvmlDevice_t gpu, unsigned long long *millijoules) {
    READ(gpu, *millijoules = (unsigned long long)gpu->energy_mj);
}

nvmlReturn_t nvmlDeviceGetPowerManagementLimit(nvmlDevice_t gpu, unsigned int *milliwatts) {
    READ(gpu, *milliwatts = gpu->requested_limit_mw);
}

nvmlReturn_t nvmlDeviceGetEnforcedPowerLimit(nvmlDevice_t gpu, unsigned int *milliwatts) {
    READ(gpu, *milliwatts = gpu_enforced_mw(gpu));
}

nvmlReturn_t nvmlDeviceGetPowerManagementLimitConstraints(nvmlDevice_t gpu, unsigned int *lowest,
                                                          unsigned int *highest) {
    READ(gpu, (*lowest = gpu->min_limit_mw, *highest = gpu->max_limit_mw));
}

nvmlReturn_t nvmlDeviceGetPersistenceMode(nvmlDevice_t gpu, unsigned int *mode) {
    READ(gpu, *mode = gpu->persistence);
}

nvmlReturn_t nvmlDeviceGetTemperature(nvmlDevice_t gpu, unsigned int sensor, unsigned int *celsius) {
    (void)sensor;
    READ(gpu, *celsius = (unsigned int)(30.5 + gpu->mean_watts * 0.06));
}

nvmlReturn_t nvmlDeviceGetMigMode(nvmlDevice_t gpu, unsigned int *current, unsigned int *pending) {
    READ(gpu, *current = *pending = gpu->mig_enabled);
}

nvmlReturn_t nvmlDeviceGetClockInfo(nvmlDevice_t gpu, unsigned int type, unsigned int *mhz) {
    READ(gpu, *mhz = type == NVML_CLOCK_MEM ? GPU_MEMORY_CLOCK_MHZ : (unsigned int)(gpu->clock_mhz + 0.5));
}

nvmlReturn_t nvmlDeviceGetMaxClockInfo(nvmlDevice_t gpu, unsigned int type, unsigned int *mhz) {
    READ(gpu, *mhz = type == NVML_CLOCK_MEM ? GPU_MEMORY_CLOCK_MHZ : GPU_MAX_CLOCK_MHZ);
}

nvmlReturn_t nvmlDeviceGetCurrentClocksEventReasons(nvmlDevice_t gpu, unsigned long long *reasons) {
    READ(gpu, *reasons = gpu->load <= 0.0 ? REASON_GPU_IDLE
                         : gpu->draw_watts > gpu_enforced_mw(gpu) / 1000.0 * 0.99 ? REASON_SW_POWER_CAP : 0);
}

nvmlReturn_t nvmlDeviceGetSupportedMemoryClocks(nvmlDevice_t gpu, unsigned int *count, unsigned int *clocks) {
    nvmlReturn_t entered = enter(gpu);
    if (entered != NVML_SUCCESS) return entered;
    unsigned int room = *count;
    *count = 1;
    if (room < 1 || !clocks) return leave(NVML_ERROR_INSUFFICIENT_SIZE);
    clocks[0] = GPU_MEMORY_CLOCK_MHZ;
    return leave(NVML_SUCCESS);
}

/* Highest first, as real boards list them. */
nvmlReturn_t nvmlDeviceGetSupportedGraphicsClocks(nvmlDevice_t gpu, unsigned int memory_mhz, unsigned int *count,
                                                  unsigned int *clocks) {
    nvmlReturn_t entered = enter(gpu);
    if (entered != NVML_SUCCESS) return entered;
    if (memory_mhz != GPU_MEMORY_CLOCK_MHZ) return leave(NVML_ERROR_NOT_FOUND);
    unsigned int room = *count;
    *count = (GPU_MAX_CLOCK_MHZ - GPU_MIN_CLOCK_MHZ) / GPU_CLOCK_STEP_MHZ + 1;
    if (room < *count || !clocks) return leave(NVML_ERROR_INSUFFICIENT_SIZE);
    for (unsigned int i = 0; i < *count; i++) clocks[i] = GPU_MAX_CLOCK_MHZ - i * GPU_CLOCK_STEP_MHZ;
    return leave(NVML_SUCCESS);
}

static void fill_field(const struct gpu *gpu, nvmlFieldValue_t *field) {
    field->nvmlReturn = gpu->faults & FAULT_OLD_FIELDS ? NVML_ERROR_NOT_SUPPORTED : NVML_SUCCESS;
    field->valueType = NVML_VALUE_TYPE_UNSIGNED_INT;
    switch (field->fieldId) {
        case 185: field->value.uiVal = (unsigned int)(gpu->mean_watts * 1000.0); break;
        case 186: field->value.uiVal = (unsigned int)(gpu->draw_watts * 1000.0); break;
        case 187: field->value.uiVal = gpu->min_limit_mw; break;
        case 188: field->value.uiVal = gpu->max_limit_mw; break;
        case 189: field->value.uiVal = gpu->default_limit_mw; break;
        case 190: field->value.uiVal = gpu_enforced_mw(gpu); break;
        case 83:
        case 191:
            field->valueType = NVML_VALUE_TYPE_UNSIGNED_LONG_LONG;
            field->value.ullVal = (unsigned long long)gpu->energy_mj;
            break;
        case 192: field->value.uiVal = gpu->requested_limit_mw; break;
        default: field->nvmlReturn = NVML_ERROR_NOT_SUPPORTED;
    }
}

nvmlReturn_t nvmlDeviceGetFieldValues(nvmlDevice_t gpu, int count, nvmlFieldValue_t *values) {
    READ(gpu, for (int i = 0; i < count; i++) fill_field(gpu, &values[i]));
}

/* ---- what can be set */

/* A process that is killed lets go of the lock, which is the kernel's. */
static void die_if_due(uint32_t after) {
    if (machine->setters != machine->kill_at || machine->kill_after != after) return;
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

/* Success where the setter may go on; the caller then holds the lock. */
static nvmlReturn_t enter_setter(nvmlDevice_t gpu) {
    nvmlReturn_t entered = enter(gpu);
    if (entered != NVML_SUCCESS) return entered;
    gpu->setter_calls++;
    machine->setters++;
    die_if_due(0);
    if (gpu->faults & FAULT_NO_PERMISSION) return leave(NVML_ERROR_NO_PERMISSION);
    if (gpu->faults & FAULT_NOT_SUPPORTED) return leave(NVML_ERROR_NOT_SUPPORTED);
    return NVML_SUCCESS;
}

static nvmlReturn_t set(nvmlDevice_t gpu, uint32_t *setting, uint32_t value) {
    if (!(gpu->faults & FAULT_IGNORES)) *setting = value;
    die_if_due(1);
    return leave(NVML_SUCCESS);
}

nvmlReturn_t nvmlDeviceSetPowerManagementLimit(nvmlDevice_t gpu, unsigned int milliwatts) {
    nvmlReturn_t entered = enter_setter(gpu);
    if (entered != NVML_SUCCESS) return entered;
    if (milliwatts < gpu->min_limit_mw || milliwatts > gpu->max_limit_mw) return leave(NVML_ERROR_INVALID_ARGUMENT);
    return set(gpu, &gpu->requested_limit_mw, milliwatts);
}

nvmlReturn_t nvmlDeviceSetPersistenceMode(nvmlDevice_t gpu, unsigned int mode) {
    nvmlReturn_t entered = enter_setter(gpu);
    return entered == NVML_SUCCESS ? set(gpu, &gpu->persistence, mode) : entered;
}

nvmlReturn_t nvmlDeviceSetGpuLockedClocks(nvmlDevice_t gpu, unsigned int lowest, unsigned int highest) {
    nvmlReturn_t entered = enter_setter(gpu);
    if (entered != NVML_SUCCESS) return entered;
    if (lowest > highest || highest < GPU_MIN_CLOCK_MHZ || highest > GPU_MAX_CLOCK_MHZ)
        return leave(NVML_ERROR_INVALID_ARGUMENT);
    return set(gpu, &gpu->clock_lock_mhz, highest);
}

nvmlReturn_t nvmlDeviceResetGpuLockedClocks(nvmlDevice_t gpu) {
    nvmlReturn_t entered = enter_setter(gpu);
    return entered == NVML_SUCCESS ? set(gpu, &gpu->clock_lock_mhz, 0) : entered;
}

nvmlReturn_t nvmlDeviceSetMemoryLockedClocks(nvmlDevice_t gpu, unsigned int lowest, unsigned int highest) {
    nvmlReturn_t entered = enter_setter(gpu);
    if (entered != NVML_SUCCESS) return entered;
    if (lowest > highest || highest != GPU_MEMORY_CLOCK_MHZ) return leave(NVML_ERROR_INVALID_ARGUMENT);
    return set(gpu, &gpu->memory_clock_lock_mhz, highest);
}

nvmlReturn_t nvmlDeviceResetMemoryLockedClocks(nvmlDevice_t gpu) {
    nvmlReturn_t entered = enter_setter(gpu);
    return entered == NVML_SUCCESS ? set(gpu, &gpu->memory_clock_lock_mhz, 0) : entered;
}

/* ---- workload power profiles (Blackwell and later) */

typedef struct {
    unsigned int version;
    unsigned int available[8], requested[8], enforced[8]; /* 255 bits each */
} nvmlWorkloadPowerProfileCurrentProfiles_v1_t;

/* MAX_P and LLM_INFERENCE are there; a profile that nobody asked for is not enforced. */
nvmlReturn_t nvmlDeviceWorkloadPowerProfileGetCurrentProfiles(nvmlDevice_t gpu,
                                                              nvmlWorkloadPowerProfileCurrentProfiles_v1_t *profiles) {
    nvmlReturn_t entered = enter(gpu);
    if (entered != NVML_SUCCESS) return entered;
    if (!gpu->has_profiles) return leave(NVML_ERROR_NOT_SUPPORTED);
    memset(profiles->available, 0, 3 * sizeof profiles->available);
    profiles->available[0] = 1u << 0 | 1u << 6;
    profiles->requested[0] = profiles->enforced[0] = 1u << 6;
    return leave(NVML_SUCCESS);
}
