#include "nn/weights.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "base/error.h"
#include "catch.h"
#include "data/safetensors.h"
#include "networks.h"
#include "refusal_of.h"

using namespace inoculate;

namespace {

std::vector<float> everything(const Network& network) {
  std::vector<float> values(network.parameters().begin(), network.parameters().end());
  values.insert(values.end(), network.statistics().begin(), network.statistics().end());
  return values;
}

NamedTensor& tensor(std::vector<NamedTensor>& tensors, const std::string& name) {
  return *std::find_if(tensors.begin(), tensors.end(),
                       [&](const NamedTensor& t) { return t.name == name; });
}

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

using Tensors = std::vector<NamedTensor>;

struct Fault {
  const char* what;
  const char* named;  // what the message must speak of
  std::function<void(Tensors&)> make;
};

const Fault kFaults[] = {
    {"a tensor is missing", "'c/bias'",
     [](Tensors& t) { std::erase_if(t, [](const auto& x) { return x.name == "c/bias"; }); }},
    {"all tensors are missing", "'a/kernel'", [](Tensors& t) { t.clear(); }},
    {"a tensor is unknown", "'h/kernel'",
     [](Tensors& t) {
       t.push_back({"h/kernel", {1}, {0}});
     }},
    {"a tensor has another rank", "'g/bias'",
     [](Tensors& t) {
       tensor(t, "g/bias").shape = {1, 10};
     }},
    {"a tensor's extents are swapped", "'g/kernel'",
     [](Tensors& t) {
       tensor(t, "g/kernel").shape = {10, 17};
     }},
    {"a tensor is empty", "'d/beta'",
     [](Tensors& t) {
       tensor(t, "d/beta") = {"d/beta", {0}, {}};
     }},
    {"a value is not a number", "'g/kernel'",
     [](Tensors& t) { tensor(t, "g/kernel").values.back() = kNan; }},
    {"a value is infinite", "'b/gamma'",
     [](Tensors& t) { tensor(t, "b/gamma").values[2] = -kInfinity; }},
    {"a statistic is not a number", "'f/moving_mean'",
     [](Tensors& t) { tensor(t, "f/moving_mean").values[0] = kNan; }},
    {"a variance is negative", "'f/moving_variance'",
     [](Tensors& t) { tensor(t, "f/moving_variance").values[1] = -1e-6F; }},
};

}  // namespace

TEST_CASE("weights leave a network and enter another unchanged, in any order") {
  for (const auto& architecture : {simple_cnn(), mlp(), logistic_regression(), tiny_network()}) {
    const Network network = random_network(architecture);
    auto tensors = weights(network);
    REQUIRE(tensors.size() == network.tensors().size());
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      CHECK(tensors[i].name == network.tensors()[i].name);
      CHECK(tensors[i].shape == network.tensors()[i].shape);
      CHECK(tensors[i].values.size() == network.tensors()[i].size);
    }
    std::reverse(tensors.begin(), tensors.end());
    Network other(architecture);
    set_weights(other, tensors, "test");
    CHECK(everything(other) == everything(network));
  }
}

TEST_CASE("weights come back from a safetensors file bit for bit") {
  const Network network = random_network(tiny_network());
  const auto file = write_safetensors({weights(network), {{"architecture", "tiny"}}});
  Network other(tiny_network());
  set_weights(other, parse_safetensors(file, "w.st").tensors, "w.st");
  CHECK(everything(other) == everything(network));
}

TEST_CASE("a variance of zero is accepted") {
  const Network network = random_network(tiny_network());
  auto tensors = weights(network);
  tensor(tensors, "f/moving_variance").values[0] = 0;
  Network other(tiny_network());
  CHECK_NOTHROW(set_weights(other, tensors, "test"));
}

TEST_CASE("wrong weights are refused in one line that names the tensor, and change nothing") {
  Network network = random_network(tiny_network(), 1);
  const auto before = everything(network);
  for (const Fault& fault : kFaults) {
    CAPTURE(fault.what);
    auto tensors = weights(random_network(tiny_network(), 2));
    fault.make(tensors);
    const std::string message = refusal_of([&] { set_weights(network, tensors, "folder/w.st"); });
    CAPTURE(message);
    CHECK(message.starts_with("folder/w.st: "));
    CHECK(message.find(fault.named) != std::string::npos);
    CHECK(message.find('\n') == std::string::npos);
    CHECK(everything(network) == before);
  }
}

TEST_CASE("weights of another architecture are refused") {
  Network network(mlp());
  CHECK(refusal_of([&] { set_weights(network, weights(Network(simple_cnn())), "w.st"); }) !=
        "accepted");
  CHECK(refusal_of([&] {
          set_weights(network, weights(Network(mlp(100))), "w.st");
        }).find("'dense1/kernel' has shape [784, 100]") != std::string::npos);
}

TEST_CASE("a vector laid out as the parameters goes out and in under a prefix") {
  const Network network = random_network(tiny_network());
  const std::vector<float> moments =
      RandomData(3).numbers(static_cast<int>(network.parameters().size()));
  auto tensors = named(weight_table(network), moments, "adam/m/");
  CHECK(tensors.front().name == "adam/m/a/kernel");
  CHECK(std::none_of(tensors.begin(), tensors.end(), [](const NamedTensor& t) {
    return t.name.find("moving") != std::string::npos;
  }));
  for (auto& other : weights(network)) tensors.push_back(other);  // other prefixes are no matter
  std::vector<float> back(moments.size());
  set_named(back, weight_table(network), tensors, "adam/m/", "test");
  CHECK(back == moments);

  const auto refused = [&](const std::function<void(Tensors&)>& spoil) {
    auto spoilt = tensors;
    spoil(spoilt);
    return refusal_of([&] { set_named(back, weight_table(network), spoilt, "adam/m/", "c.st"); });
  };
  CHECK(refused([](Tensors& t) { t.erase(t.begin()); }).find("'adam/m/a/kernel'") !=
        std::string::npos);
  CHECK(refused([](Tensors& t) {
          t.push_back({"adam/m/z", {1}, {0}});
        }).find("'adam/m/z'") != std::string::npos);
  CHECK(refused([](Tensors& t) { t[1].shape = {4}; }).find("'adam/m/a/bias'") != std::string::npos);
  CHECK(refused([](Tensors& t) { t[1].values[0] = kNan; }).find("'adam/m/a/bias'") !=
        std::string::npos);
}
