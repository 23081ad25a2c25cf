// Images of one's own: an array, an IDX file or a folder of pictures, with their labels.
#pragma once

#include <string>
#include <vector>

#include "model/classifier.h"
#include "native/mnist.h"
#include "picture/picture_rule.h"

namespace inoculate {

/// Images with what is known of each.
struct NamedImages {
  LabelledImages data;                ///< without labels where they are not known
  std::vector<std::string> names;     ///< "test[7]", "adversaries.npy[7]", "7/12.png"
  std::vector<std::string> prepared;  ///< how each picture was; empty where they are none
};

/// Those images of `path` that `start` and `count` name, as `model` takes them: of a .npy file (see
/// data/image_array.h), an IDX file, raw or .gz, or a folder of pictures (see picture_folder.h and
/// model_pictures.h). Labels come from the file `labels` (see data/labels.h), which has one for
/// each image of `path`; without it (""), from the folders that the pictures lie in. Throws Error,
/// naming the file, for what is bad or does not fit together, UsageError when there are fewer
/// images than were asked for.
NamedImages read_images(const std::string& path, const std::string& labels, int start,
                        const CountOption& count, const ModelSpec& model, const PictureRule& rule);

}  // namespace inoculate
