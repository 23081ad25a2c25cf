// Convolutions, and their transposes, of doubles.
#pragma once

#include <vector>

#include "certify/region.h"
#include "nn/ops/form.h"

namespace inoculate {

/// Sets out [n, out] to the convolution of in [n, in] with `kernel`, laid out as form.kernel,
/// without the bias.
void convolve(RealMatrix& out, const RealMatrix& in, const ConvForm& form,
              const std::vector<double>& kernel);

/// The positions of the input, a grid `in`, which the outputs at `region` see.
Region seen_by(const Region& region, const ConvForm& form, const Shape& in);

/// Adds to d_in [rows, positions of in_region * C] the transposed convolution of d_out [rows,
/// positions of out_region * F]. in_region holds seen_by(out_region).
void add_transposed(RealMatrix& d_in, const Region& in_region, const RealMatrix& d_out,
                    const Region& out_region, const ConvForm& form);

}  // namespace inoculate
