/* Included into operator-run.c: how products are cut into tiles.
 *
 * XNNPACK goes down all columns for each few rows, so weights that do not fit in the processor's own cache come
 * from the shared one for every four rows, thirteen times for CLIP's fifty. Here blocks of columns are outermost,
 * of as many weights as stay in the cache while all rows pass. Each sum is the same, to the bit. */
#ifndef EW_SHIM_COLUMNS_H
#define EW_SHIM_COLUMNS_H

/* Bytes of weights; half of the second cache of small cores. Kernels make up to 16 columns at once. */
enum { EW_BLOCK_BYTES = 256 << 10, EW_BLOCK_COLUMNS = 16 };

struct ew_by_columns {
  pthreadpool_task_2d_tile_2d_t task;
  void *context;
};

static void ew_tile_by_columns(struct ew_by_columns *by, size_t column, size_t row, size_t columns,
                               size_t rows) {
  by->task(by->context, row, column, rows, columns);
}

static void ew_parallelize_by_columns(pthreadpool_t pool, pthreadpool_task_2d_tile_2d_t task,
                                      void *context, size_t rows, size_t columns, size_t tile_rows,
                                      size_t tile_columns, uint32_t flags) {
  size_t stride = 0; /* bytes of weights of one column */
  if (task == (pthreadpool_task_2d_tile_2d_t)xnn_compute_gemm ||
      task == (pthreadpool_task_2d_tile_2d_t)xnn_compute_dqgemm) {
    stride = ((const struct gemm_context *)context)->w_stride;
  } else if (task == (pthreadpool_task_2d_tile_2d_t)xnn_compute_igemm) {
    stride = ((const struct igemm_context *)context)->w_stride;
  }
  if (rows <= tile_rows || stride * columns <= 2 * EW_BLOCK_BYTES) {
    pthreadpool_parallelize_2d_tile_2d(pool, task, context, rows, columns, tile_rows, tile_columns,
                                       flags);
    return;
  }
  const size_t block = EW_BLOCK_BYTES / stride / EW_BLOCK_COLUMNS * EW_BLOCK_COLUMNS;
  struct ew_by_columns by = {task, context};
  pthreadpool_parallelize_2d_tile_2d(pool, (pthreadpool_task_2d_tile_2d_t)ew_tile_by_columns, &by,
                                     columns, rows, block > 0 ? block : EW_BLOCK_COLUMNS, tile_rows,
                                     flags);
}

#endif
