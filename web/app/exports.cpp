#include "web/app/exports.h"

#include <utility>

#include "data/idx.h"
#include "data/npy.h"
#include "pictures/sheet.h"
#include "web/picture/png.h"
#include "web/texts/digits.h"

namespace inoculate::page {

std::string file_ending(PictureFormat format) {
  return format == PictureFormat::kNpy   ? ".npy"
         : format == PictureFormat::kIdx ? "-idx3-ubyte"
                                         : ".png";
}

Bytes picture_file(const Picture& picture, PictureFormat format) {
  if (format == PictureFormat::kNpy) return write_npy(picture, {1, kPictureSide, kPictureSide, 1});
  const Bytes levels = to_bytes(picture);
  if (format == PictureFormat::kPng) return png_file(kPictureSide, kPictureSide, 1, levels.data());
  return write_idx_images({1, kPictureSide, kPictureSide, {levels.begin(), levels.end()}});
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
      draw_sheet({texts::sheet::title, settings_text(settings), {std::move(entry)}});
  return png_file(canvas.width(), canvas.height(), 3, canvas.pixels().data());
}

}  // namespace inoculate::page
