#include "web/app/models.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "base/error.h"
#include "model/network_classifier.h"
#include "train/model_file.h"
#include "web/picture/picture.h"
#include "web/picture/reading.h"
#include "web/texts/digits.h"

namespace inoculate::page {
namespace {

constexpr std::size_t kLargestWeights = std::size_t{1} << 25;

// Whether the page can work with it.
void check(const Network& network, const std::string& name) {
  if (network.input_size() != kPictureSize || network.classes() != kDigits) {
    throw Error(texts::refusals::not_for_digits(name));
  }
  require_finite_answers(network, name);
}

}  // namespace

void Models::add(Model model) {
  check(model.network, model.name);
  const auto same = std::find_if(models_.begin(), models_.end(),
                                 [&](const Model& m) { return m.name == model.name; });
  const auto index = static_cast<std::size_t>(same - models_.begin());
  if (same == models_.end()) {
    models_.push_back(std::move(model));
    classifiers_.emplace_back();
  } else {
    *same = std::move(model);
  }
  classifiers_[index] = std::make_unique<NetworkClassifier>(models_[index].network);
  ++revision_;
  if (network_ == nullptr) choose(0);
}

void Models::load(ByteView file, const std::string& name) {
  if (file.size() > kLargestWeights) throw Error(texts::refusals::weights_too_large(name));
  Network network = network_of(parse_safetensors(file, name), name);
  check(network, name);
  add({"loaded", texts::loaded_network, texts::loaded_from(name), std::move(network)});
  for (std::size_t i = 0; i < models_.size(); ++i) {
    if (models_[i].name == "loaded") choose(i);
  }
}

void Models::choose(std::size_t index) {
  assert(index < models_.size());
  chosen_ = index;
  use(models_[index].network);
  inoculated_ = false;
  ++revision_;
}

void Models::replace_weights(Network network) {
  use(std::move(network));
  inoculated_ = true;
  ++revision_;
}

void Models::use(Network network) {
  auto used = std::make_unique<Network>(std::move(network));
  classifier_ = std::make_unique<NetworkClassifier>(*used);
  network_ = std::move(used);
}

}  // namespace inoculate::page
