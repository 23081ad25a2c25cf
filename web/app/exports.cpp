#include "web/app/exports.h"

#include <utility>

#include "pictures/sheet.h"
#include "web/picture/png.h"

namespace inoculate::page {

Bytes picture_png(const Picture& picture) {
  return png_file(kPictureSide, kPictureSide, 1, to_bytes(picture).data());
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
  return png_file(canvas.width(), canvas.height(), 3, canvas.pixels().data());
}

}  // namespace inoculate::page
