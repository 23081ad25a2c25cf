// Pictures of any kind as a model takes them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "model/classifier.h"
#include "picture/picture_rule.h"

namespace inoculate {

/// Whether pictures are prepared for a model as MNIST's digits were (picture/prepare.h): it takes
/// grey images of 28 x 28 pixels, or 784 numbers in a row. For others they are photographs
/// (picture/photo.h).
bool takes_digits(const ModelSpec& model);

/// Where pictures come from: one by one from a user, or as a set of data, whose grey pictures of
/// 28 x 28 pixels are then taken as they are, whatever they show.
enum class PictureSource { kUser, kSet };

/// The images [N, input] of several pictures, and in a few words how each was prepared.
struct ModelPictures {
  Matrix images;
  std::vector<std::string> how;
};

/// Photographs are resized by `rule`. Throws Error, naming the file, for one that is no picture
/// that is read (native/read_picture.h), shows no digit where the model takes them, or cannot be an
/// image of the model.
ModelPictures read_pictures(const std::vector<std::filesystem::path>& paths, const ModelSpec& model,
                            const PictureRule& rule, PictureSource source);

}  // namespace inoculate
