// What the outputs of a convolution read: for each, the K * K positions of its input.
#pragma once

#include <vector>

#include "nn/conv2d.h"
#include "nn/shared_rows.h"

namespace inoculate {

/// What is known of a convolution's fields before there is an image.
struct FieldPlan {
  int taps = 0;                // K * K
  int inputs = 0;              // H * W
  std::vector<int> positions;  // [OH*OW, taps]: positions of the input; kNoRow in the padding
  std::vector<int> by_tap;     // [taps, OH*OW]: the same, one tap after the other
  /// [OH*OW]: the shared row of each output position whose field is blank. It depends on what of
  /// the field is padding, and on what the ground is like there. Empty: nothing is shared.
  std::vector<int> ground;
  std::vector<int> ground_fields;  // [shared rows, taps]: what they read, shared rows of the input

  int outputs() const { return static_cast<int>(positions.size()) / taps; }
  int shared() const { return taps == 0 ? 0 : static_cast<int>(ground_fields.size()) / taps; }
};

/// The fields alone.
FieldPlan plan_fields(const Conv2d& conv);

/// Lets output positions share rows, given the shared row of each input position [H*W] in a blank
/// image: kNoRow for zeros, as images have them.
void share_ground(FieldPlan& plan, const std::vector<int>& ground);

/// The fields of a batch: a row of K * K input rows for every row of the output.
struct ReceptiveFields {
  SharedRows out;
  std::vector<int> inputs;  // [rows of out, taps] and more room: rows of the input, or kNoRow
};

/// Lists the fields over an input that lies in the rows `in`.
void find_fields(ReceptiveFields& fields, const FieldPlan& plan, const SharedRows& in);

}  // namespace inoculate
