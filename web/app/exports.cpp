#include "web/app/exports.h"

#include <utility>

#include "pictures/sheet.h"

#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#define STBI_WRITE_NO_STDIO
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb_image_write.h>
#pragma GCC diagnostic pop

namespace inoculate::page {
namespace {

Bytes png(int width, int height, int channels, const std::uint8_t* pixels) {
  Bytes file;
  const auto append = [](void* context, void* data, int size) {
    const auto* bytes = static_cast<const std::uint8_t*>(data);
    static_cast<Bytes*>(context)->insert(static_cast<Bytes*>(context)->end(), bytes, bytes + size);
  };
  stbi_write_png_to_func(append, &file, width, height, channels, pixels, width * channels);
  return file;
}

}  // namespace

Bytes picture_png(const Picture& picture) {
  return png(kPictureSide, kPictureSide, 1, to_bytes(picture).data());
}

Bytes sheet_png(const AttackOutcome& outcome, const AttackSettings& settings) {
  SheetEntry entry{outcome.original.pixels,
                   outcome.adversary.pixels,
                   outcome.label,
                   outcome.original.reading.best(),
                   outcome.original.reading.confidence(),
                   outcome.adversary.reading.best(),
                   outcome.adversary.reading.confidence()};
  const Canvas canvas =
      draw_sheet({"An adversarial example", settings_text(settings), {std::move(entry)}});
  return png(canvas.width(), canvas.height(), 3, canvas.pixels().data());
}

}  // namespace inoculate::page
