#include "native/model_pictures.h"

#include <algorithm>

#include "native/read_picture.h"
#include "picture/mnist_form.h"
#include "picture/photo.h"
#include "picture/prepare.h"

namespace inoculate {
namespace {

PreparedDigit prepare_digit(const ColorPicture& picture, const std::string& name,
                            PictureSource source) {
  if (source == PictureSource::kSet) {
    if (auto pixels = grey_digit_pixels(picture)) return {std::move(*pixels), "as it is"};
  }
  return prepare_picture(picture, name);
}

}  // namespace

bool takes_digits(const ModelSpec& model) { return is_digit_shape(model.input); }

ModelPictures read_pictures(const std::vector<std::filesystem::path>& paths, const ModelSpec& model,
                            const PictureRule& rule, PictureSource source) {
  ModelPictures all{Matrix(static_cast<Eigen::Index>(paths.size()), model.input.size()), {}};
  float* image = all.images.data();
  for (const std::filesystem::path& path : paths) {
    const ReadPicture picture = read_picture_file(path);
    const auto add = [&](const auto& prepared) {
      image = std::copy(prepared.pixels.begin(), prepared.pixels.end(), image);
      all.how.push_back(picture.described(prepared.how));
    };
    if (takes_digits(model)) {
      add(prepare_digit(picture.pixels, path.string(), source));
    } else {
      add(prepare_photo(picture.pixels, model.input, rule, path.string()));
    }
  }
  return all;
}

}  // namespace inoculate
