#include "web/app/exports.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
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

std::string settings_text(const AttackSettings& settings) {
  if (settings.method == kLineAttack) return "A line drawn by hand";
  char epsilon[32];
  std::snprintf(epsilon, sizeof epsilon, "%.3f", static_cast<double>(settings.epsilon));
  std::string text = settings.method == "fgsm" ? "FGSM" : "BIM";
  text += std::string(", L-inf, epsilon ") + epsilon;
  if (settings.method != "fgsm") text += ", " + std::to_string(settings.steps) + " steps";
  if (settings.target) text += ", towards " + std::to_string(*settings.target);
  return text;
}

}  // namespace

Bytes picture_png(const Picture& picture) {
  std::vector<std::uint8_t> grey(picture.size());
  std::transform(picture.begin(), picture.end(), grey.begin(), [](float value) {
    return static_cast<std::uint8_t>(std::lround(255 * std::clamp(value, 0.0F, 1.0F)));
  });
  return png(kPictureSide, kPictureSide, 1, grey.data());
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
