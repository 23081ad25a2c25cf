#include "web/attack/methods.h"

#include <algorithm>
#include <cassert>

#include "web/texts/digits.h"

namespace inoculate::page {
namespace {

constexpr bool kGradients = true, kQueries = false;

constexpr PageMethod kMethods[] = {
    {"fgsm", texts::methods::fgsm.title, nullptr, Norm::kLinf, kEpsilonKnob, kGradients,
     texts::methods::fgsm.lesson},
    {"bim", texts::methods::bim.title, nullptr, Norm::kLinf, kEpsilonKnob | kStepsKnob, kGradients,
     texts::methods::bim.lesson},
    {kLineAttack, texts::methods::line.title, nullptr, Norm::kL2, 0, kQueries,
     texts::methods::line.lesson},
    {"pgd", texts::methods::pgd.title, "pgd", Norm::kLinf, kEpsilonKnob | kStepsKnob, kGradients,
     texts::methods::pgd.lesson},
    {"deepfool", texts::methods::deepfool.title, "deepfool", Norm::kL2, 0, kGradients,
     texts::methods::deepfool.lesson},
    {"jsma", texts::methods::jsma.title, "jsma", Norm::kL0, kPixelsKnob, kGradients,
     texts::methods::jsma.lesson},
    {"square", texts::methods::square.title, "square", Norm::kLinf, kEpsilonKnob | kQueriesKnob,
     kQueries, texts::methods::square.lesson},
    {"nes", texts::methods::nes.title, "nes", Norm::kLinf, kEpsilonKnob | kQueriesKnob, kQueries,
     texts::methods::nes.lesson},
    {"noise", texts::methods::noise.title, "uniform-noise", Norm::kLinf,
     kEpsilonKnob | kQueriesKnob, kQueries, texts::methods::noise.lesson},
    {"line-search", texts::methods::line_search.title, "line", Norm::kL2, kQueriesKnob, kQueries,
     texts::methods::line_search.lesson},
    {"spatial", texts::methods::spatial.title, "spatial", Norm::kL2, 0, kQueries,
     texts::methods::spatial.lesson},
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
