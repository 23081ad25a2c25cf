#include "native/png_encoder.h"

#include <png.h>

#include <cassert>
#include <memory>
#include <string>

#include "base/error.h"

namespace inoculate {

Bytes encode_png(const std::uint8_t* pixels, int width, int height, int channels) {
  assert(channels == 1 || channels == 3);
  // libpng's simplified writer, whose state is freed on every way out.
  const std::unique_ptr<png_image, decltype([](png_image* image) {
                          png_image_free(image);
                          delete image;
                        })>
      image(new png_image{});
  image->version = PNG_IMAGE_VERSION;
  image->width = static_cast<png_uint_32>(width);
  image->height = static_cast<png_uint_32>(height);
  image->format = channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  Bytes bytes(PNG_IMAGE_PNG_SIZE_MAX(*image));
  png_alloc_size_t size = bytes.size();
  if (png_image_write_to_memory(image.get(), bytes.data(), &size, 0, pixels, 0, nullptr) == 0) {
    throw Error(std::string("cannot encode a picture as PNG: ") + image->message);
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace inoculate
