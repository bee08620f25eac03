/* How a board draws: a static part, and a part that goes with load and with the square of the clock.
 *
 * The watt limit works as on a real board: the clock is lowered until the draw fits, but never below the lowest
 * clock, so a limit under what the board needs there is not kept. Draw and clock follow with a lag.
 */
#include "machine.h"

#include <math.h>

#define LAG_SECONDS 0.2       /* of draw and clock behind load and limit */
#define MEAN_LAG_SECONDS 0.5  /* the sensor's 1-s mean (NVML reference, nvmlDeviceGetPowerUsage) is as late as this */
#define STEP_SECONDS 0.01
#define STEADY_SECONDS 10.0   /* after so long at one load nothing moves any more */

uint32_t gpu_enforced_mw(const struct gpu *gpu) {
    uint32_t foreign = gpu->foreign_limit_mw;
    return foreign && foreign < gpu->requested_limit_mw ? foreign : gpu->requested_limit_mw;
}

static double dynamic_watts(const struct gpu *gpu, double clock_mhz) {
    double ratio = clock_mhz / GPU_MAX_CLOCK_MHZ;
    return gpu->load * (gpu->max_limit_mw / 1000.0 - GPU_IDLE_WATTS) * ratio * ratio;
}

static double wanted_clock_mhz(const struct gpu *gpu) {
    double top = GPU_MAX_CLOCK_MHZ, room, full;
    if (gpu->load <= 0.0) return GPU_MIN_CLOCK_MHZ;
    if (gpu->clock_lock_mhz && gpu->clock_lock_mhz < top) top = gpu->clock_lock_mhz;
    if (gpu->faults & FAULT_UNENFORCED) return top;
    room = gpu_enforced_mw(gpu) / 1000.0 - GPU_IDLE_WATTS;
    full = dynamic_watts(gpu, GPU_MAX_CLOCK_MHZ);
    if (room <= 0.0) return GPU_MIN_CLOCK_MHZ;
    if (full > room) top = fmin(top, GPU_MAX_CLOCK_MHZ * sqrt(room / full));
    return fmax(top, GPU_MIN_CLOCK_MHZ);
}

static void step(struct gpu *gpu, double seconds) {
    double clock_mhz = wanted_clock_mhz(gpu), watts = GPU_IDLE_WATTS + dynamic_watts(gpu, clock_mhz);
    double left = exp(-seconds / LAG_SECONDS), mean_left = exp(-seconds / MEAN_LAG_SECONDS);
    double excess = gpu->draw_watts - watts;
    /* exact integral of the lag over the step */
    gpu->energy_mj += 1000.0 * (watts * seconds + excess * LAG_SECONDS * (1.0 - left));
    gpu->draw_watts = watts + excess * left;
    gpu->clock_mhz = clock_mhz + (gpu->clock_mhz - clock_mhz) * left;
    gpu->mean_watts = gpu->draw_watts + (gpu->mean_watts - gpu->draw_watts) * mean_left;
}

/* A driver that is loaded starts from the board's defaults: nothing that was set before is left. */
static void load_driver(struct gpu *gpu, uint32_t generation, double now) {
    gpu->generation = generation;
    gpu->requested_limit_mw = gpu->default_limit_mw;
    gpu->persistence = gpu->clock_lock_mhz = gpu->memory_clock_lock_mhz = 0;
    gpu->draw_watts = gpu->mean_watts = GPU_IDLE_WATTS;
    gpu->clock_mhz = GPU_MIN_CLOCK_MHZ;
    gpu->energy_mj = 0.0;
    gpu->updated_seconds = now;
}

void gpu_advance(struct gpu *gpu, const struct machine *machine) {
    double now = machine_now(machine), due;
    if (gpu->generation != machine->driver_generation) load_driver(gpu, machine->driver_generation, now);
    due = now - gpu->updated_seconds;
    if (due <= 0.0) return;
    gpu->updated_seconds = now;
    if (due > STEADY_SECONDS) {
        step(gpu, due - STEADY_SECONDS);
        due = STEADY_SECONDS;
    }
    for (; due > STEP_SECONDS; due -= STEP_SECONDS) step(gpu, STEP_SECONDS);
    step(gpu, due);
}
