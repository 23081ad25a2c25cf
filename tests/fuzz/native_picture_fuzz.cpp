// Pictures of every format, and what digits and photographs are made of them.
#include "fuzz/target.h"
#include "native/exif.h"
#include "native/read_picture.h"
#include "picture/photo.h"
#include "picture/prepare.h"

namespace inoculate::fuzz {
namespace {

void read(ByteView file) {
  const int orientation = exif_orientation(file);
  demand(orientation >= 1 && orientation <= 8, "an orientation that there is not");
  ReadPicture picture;
  if (!accepts("'fuzz' ", [&] { picture = read_picture(file, "fuzz"); })) return;
  const ColorPicture& pixels = picture.pixels;
  demand(pixels.width > 0 && pixels.height > 0 &&
             pixels.rgba.size() == 4 * static_cast<std::size_t>(pixels.width) *
                                       static_cast<std::size_t>(pixels.height),
         "a picture of another size than its pixels");
  if (pixels.rgba.size() > std::size_t{1} << 18) return;  // what takes long is no fault
  accepts("", [&] { prepare_picture(pixels, "fuzz"); });
  for (const Shape shape : {Shape{28, 28, 1}, Shape{8, 12, 3}}) {
    accepts("", [&] { prepare_photo(pixels, shape, {}, "fuzz"); });
  }
}

const Target target("native_picture", read);

}  // namespace
}  // namespace inoculate::fuzz
