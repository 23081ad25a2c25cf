// Pictures to take along, as files.
#pragma once

#include <string>

#include "data/bytes.h"
#include "web/attack/outcome.h"

namespace inoculate::page {

/// What a picture is written as: a PNG of 256 grey levels; NumPy's array of floats 0..1,
/// [1, 28, 28, 1]; MNIST's own IDX, one image of bytes.
enum class PictureFormat { kPng, kNpy, kIdx };

/// How names of such files end, as MNIST's do for IDX: ".png", ".npy", "-idx3-ubyte".
std::string file_ending(PictureFormat format);

/// The file of a picture of 28 x 28 grey pixels; values outside 0..1 are clipped in PNG and IDX.
Bytes picture_file(const Picture& picture, PictureFormat format);

/// Original, perturbation and adversary with their readings, as `inoculate attack --sheet` draws.
Bytes sheet_png(const AttackOutcome& outcome, const AttackSettings& settings);

}  // namespace inoculate::page
