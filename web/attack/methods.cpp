#include "web/attack/methods.h"

#include <algorithm>
#include <cassert>

namespace inoculate::page {
namespace {

constexpr bool kGradients = true, kQueries = false;

constexpr PageMethod kMethods[] = {
    {"fgsm", "FGSM", nullptr, Norm::kLinf, kEpsilonKnob, kGradients,
     "The gradient of the loss says for each pixel whether more or less ink makes the network less "
     "sure. FGSM keeps only its sign and moves every pixel by epsilon that way. Noise of the same "
     "size does far less: the direction matters, not the amount."},
    {"bim", "BIM", nullptr, Norm::kLinf, kEpsilonKnob | kStepsKnob, kGradients,
     "The basic iterative method takes many small steps, each along the sign of the gradient at "
     "the place it has reached, and never leaves the epsilon around the original. It gets by "
     "with a smaller epsilon than one large step."},
    {kLineAttack, "Line", nullptr, Norm::kL2, 0, kQueries,
     "No gradient is needed to mislead: draw a straight line through the adversary by hand. Some "
     "lines do nothing, others turn one digit into another for the network alone."},
    {"pgd", "PGD", "pgd", Norm::kLinf, kEpsilonKnob | kStepsKnob, kGradients,
     "Projected gradient descent is BIM from a random start within epsilon: the attack that "
     "defences are trained against and measured by."},
    {"deepfool", "DeepFool", "deepfool", Norm::kL2, 0, kGradients,
     "DeepFool treats the network as linear, steps to the nearest boundary, looks again and "
     "repeats. It has no epsilon: it looks for the smallest change, here in L2."},
    {"jsma", "JSMA", "jsma", Norm::kL0, kPixelsKnob, kGradients,
     "The saliency map attack changes few pixels, but those completely: two at a time, where the "
     "gradients of the classes promise most."},
    {"square", "Square", "square", Norm::kLinf, kEpsilonKnob | kQueriesKnob, kQueries,
     "Square sees no gradient. It puts squares of one shade at random places and keeps those that "
     "make the network less sure. Each costs a query."},
    {"nes", "NES", "nes", Norm::kLinf, kEpsilonKnob | kQueriesKnob, kQueries,
     "NES guesses the gradient from the network's answers to noisy copies of the picture, and "
     "steps along it as BIM would. It pays in queries."},
    {"noise", "Noise", "uniform-noise", Norm::kLinf, kEpsilonKnob | kQueriesKnob, kQueries,
     "Uniform noise, the best of as many draws as there are queries: what chance can do without "
     "any direction."},
    {"line-search", "Line search", "line", Norm::kL2, kQueriesKnob, kQueries,
     "One straight stroke, its ends, width and shade found by trying: half of the tries are "
     "random, the others change the best stroke so far."},
    {"spatial", "Turn and shift", "spatial", Norm::kL2, 0, kQueries,
     "The picture is turned by up to 30 degrees and moved by up to 3 pixels, whichever misleads "
     "most. No pixel is made up."},
};

}  // namespace

std::span<const PageMethod> page_methods() { return kMethods; }

const PageMethod* find_page_method(std::string_view name) {
  const auto* const found = std::find_if(std::begin(kMethods), std::end(kMethods),
                                         [&](const PageMethod& m) { return name == m.name; });
  return found == std::end(kMethods) ? nullptr : found;
}

const PageMethod& page_method(std::string_view name) {
  const PageMethod* found = find_page_method(name);
  assert(found != nullptr);
  return *found;
}

}  // namespace inoculate::page
