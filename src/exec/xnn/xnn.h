/* XNNPACK as an executor. Only files of this directory include xnnpack.h. */
#ifndef EW_EXEC_XNN_XNN_H
#define EW_EXEC_XNN_XNN_H

#include "exec/executor.h"

extern const ew_executor_ops ew_xnn_executor;

#endif
