#include "web/photo/methods.h"

#include <algorithm>

#include "attack/deepfool.h"
#include "attack/fgsm.h"
#include "attack/nes.h"
#include "attack/noise.h"
#include "attack/patch.h"
#include "attack/pgd.h"
#include "attack/square.h"

namespace inoculate::page {
namespace {

constexpr PhotoMethod kMethods[] = {
    {"pgd", pgd_method, Norm::kLinf, kPhotoEpsilon | kPhotoSteps},
    {"fgsm", fgsm_method, Norm::kLinf, kPhotoEpsilon},
    {"bim", bim_method, Norm::kLinf, kPhotoEpsilon | kPhotoSteps},
    {"deepfool", deepfool_method, Norm::kL2, 0},
    {"square", square_method, Norm::kLinf, kPhotoEpsilon | kPhotoQueries},
    {"nes", nes_method, Norm::kLinf, kPhotoEpsilon | kPhotoQueries},
    {"noise", uniform_noise_method, Norm::kLinf, kPhotoEpsilon | kPhotoQueries},
    {"patch", patch_method, Norm::kL0, kPhotoSteps | kPhotoArea},
};

}  // namespace

std::span<const PhotoMethod> photo_methods() { return kMethods; }

const PhotoMethod* find_photo_method(std::string_view name) {
  const auto* const found = std::find_if(std::begin(kMethods), std::end(kMethods),
                                         [&](const PhotoMethod& m) { return name == m.name; });
  return found == std::end(kMethods) ? nullptr : found;
}

}  // namespace inoculate::page
