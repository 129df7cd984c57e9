/* The few questions that XNNPACK asks of the cpuinfo library, answered by the compiler's own
 * processor detection, so that the native test build needs one dependency less. */
#ifndef EW_SHIM_CPUINFO_H
#define EW_SHIM_CPUINFO_H

#include <stdbool.h>

/* Two first-generation Zen cores get kernels of their own; we do not tell them apart. */
enum cpuinfo_uarch { cpuinfo_uarch_unknown, cpuinfo_uarch_zen, cpuinfo_uarch_dhyana };

struct cpuinfo_core {
  enum cpuinfo_uarch uarch;
};

static inline const struct cpuinfo_core *cpuinfo_get_core(unsigned index) {
  static const struct cpuinfo_core core = {cpuinfo_uarch_unknown};
  (void)index;
  return &core;
}

static inline bool cpuinfo_initialize(void) {
  __builtin_cpu_init();
  return true;
}

static inline bool cpuinfo_has_x86_ssse3(void) { return __builtin_cpu_supports("ssse3"); }
static inline bool cpuinfo_has_x86_sse4_1(void) { return __builtin_cpu_supports("sse4.1"); }
static inline bool cpuinfo_has_x86_avx(void) { return __builtin_cpu_supports("avx"); }
/* Every processor with FMA has the half-precision conversions; gcc 12 cannot ask for them. */
static inline bool cpuinfo_has_x86_f16c(void) { return __builtin_cpu_supports("fma"); }
static inline bool cpuinfo_has_x86_fma3(void) { return __builtin_cpu_supports("fma"); }
static inline bool cpuinfo_has_x86_avx2(void) { return __builtin_cpu_supports("avx2"); }

#endif
