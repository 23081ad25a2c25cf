// A network that a visitor brings, or that comes with the room, with what pictures become for it.
#pragma once

#include <memory>
#include <string>

#include "data/bytes.h"
#include "model/preprocessed.h"
#include "picture/picture.h"
#include "web/json/json.h"

namespace inoculate::page {

struct PhotoNetwork {
  std::unique_ptr<const PreprocessedClassifier> classifier;
  PictureRule rule;  ///< how pictures are resized for it
  Json facts;        ///< what it is: see read_photo_network()

  const ModelSpec& spec() const { return classifier->spec(); }
  /// Height, width and channels of its pictures, also where they are 784 numbers in a row.
  Shape shape() const;
};

/// Reads an ONNX file. `notes` is an object of the keys of model/model_notes.h; what it does not
/// say the file's metadata may. The facts are {width, height, channels, classes, parameters,
/// multiply_adds, layers: [{operator, count}], preprocessing}. Throws Error, one sentence, when the
/// file cannot be used, or takes no pictures of one channel or three.
PhotoNetwork read_photo_network(ByteView file, const std::string& name, const Json& notes);

/// A picture as a network sees it: [1, H*W*C], levels k / 255.
struct PhotoImage {
  Matrix pixels;
  std::string how;  ///< what was done, in a few words
};

/// Grey images of 28 x 28 are prepared as MNIST's digits were, all others as photographs
/// (picture/photo.h); of one that was `cropped` by hand nothing more than the network's form
/// demands is cut away. Throws Error, naming `name`.
PhotoImage photo_image(const PhotoNetwork& network, const ColorPicture& picture,
                       const std::string& name, bool cropped);

/// An image of that shape as a picture; grey ones have three equal channels.
ColorPicture picture_of_image(const float* pixels, Shape shape);

}  // namespace inoculate::page
