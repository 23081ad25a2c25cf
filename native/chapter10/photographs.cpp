#include "native/chapter10/photographs.h"

#include <algorithm>

#include "base/error.h"
#include "native/classifier.h"
#include "native/html.h"
#include "native/model_pictures.h"
#include "native/report_parts.h"

namespace inoculate {

bool has_photographs(const ChapterScene& scene) { return !scene.photo.empty(); }

Photographs load_photographs(const ChapterScene& scene, std::size_t most) {
  Photographs all;
  ModelNotes notes;
  all.model = load_classifier(scene.photo / "efficientnet_lite0.onnx", &notes);
  std::error_code failure;
  for (const auto& entry : std::filesystem::directory_iterator(scene.photo, failure)) {
    const auto ending = entry.path().extension();
    if (ending == ".png" || ending == ".jpg") all.paths.push_back(entry.path());
  }
  if (all.paths.empty()) {
    throw Error(scene.photo.string() +
                ": has no photographs (.png, .jpg); make them by ./run "
                "photo, or put your own there");
  }
  std::sort(all.paths.begin(), all.paths.end());
  all.paths.resize(std::min(all.paths.size(), most));
  all.images =
      read_pictures(all.paths, all.model->spec(), notes.pictures(), PictureSource::kUser).images;
  return all;
}

std::string photographs_missing() {
  return paragraph("The network of photographs is not there, so this part was left out. " +
                       element("code", "./run photo") + " makes it, and three photographs, in " +
                       element("code", "build/photo") + "; then give " +
                       element("code", "--photo build/photo") + ".",
                   "rings");
}

}  // namespace inoculate
