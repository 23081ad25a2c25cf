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
    {"pgd", "PGD", pgd_method, Norm::kLinf, kPhotoEpsilon | kPhotoSteps,
     "Projected gradient descent: from a random start within epsilon, many small steps along the "
     "sign of the gradient, never further than epsilon from the photograph."},
    {"fgsm", "FGSM", fgsm_method, Norm::kLinf, kPhotoEpsilon,
     "One gradient, of which only the sign is kept: every channel of every pixel moves by epsilon "
     "the way that makes the network less sure."},
    {"bim", "BIM", bim_method, Norm::kLinf, kPhotoEpsilon | kPhotoSteps,
     "The basic iterative method: PGD that starts at the photograph itself."},
    {"deepfool", "DeepFool", deepfool_method, Norm::kL2, 0,
     "It treats the network as linear, steps to the nearest boundary, looks again and repeats. It "
     "has no epsilon: it looks for the smallest change, in L2."},
    {"square", "Square", square_method, Norm::kLinf, kPhotoEpsilon | kPhotoQueries,
     "It sees no gradient. It puts squares of one colour at random places and keeps those that "
     "make the network less sure. Each costs a query."},
    {"nes", "NES", nes_method, Norm::kLinf, kPhotoEpsilon | kPhotoQueries,
     "It guesses the gradient from the network's answers to noisy copies, and steps along it. It "
     "pays in queries."},
    {"noise", "Noise", uniform_noise_method, Norm::kLinf, kPhotoEpsilon | kPhotoQueries,
     "Uniform noise, the best of as many draws as there are queries: what chance does without any "
     "direction."},
    {"patch", "Sticker", patch_method, Norm::kL0, kPhotoSteps | kPhotoArea,
     "A square sticker at one place of the photograph, in whatever colours mislead most. No "
     "epsilon bounds it: it is seen, and the network falls for it all the same."},
};

}  // namespace

std::span<const PhotoMethod> photo_methods() { return kMethods; }

const PhotoMethod* find_photo_method(std::string_view name) {
  const auto* const found = std::find_if(std::begin(kMethods), std::end(kMethods),
                                         [&](const PhotoMethod& m) { return name == m.name; });
  return found == std::end(kMethods) ? nullptr : found;
}

}  // namespace inoculate::page
