// The application with what the browser would give it: a laboratory at hand, digits, a network.
#pragma once

#include <string>
#include <vector>

#include "data/safetensors.h"
#include "golden_files.h"
#include "networks.h"
#include "paths.h"
#include "train/model_file.h"
#include "web/app/app.h"
#include "web/lab/laboratory.h"

namespace inoculate::page {

/// A weights file of a network with one hidden layer: quick, and wrong about everything.
inline Bytes quick_weights(unsigned seed = 1) {
  return write_safetensors(model_file(random_network(mlp(), seed), {}));
}

/// Weights that are finite, each of them, and overflow as soon as a picture is not blank.
inline Bytes overflowing_weights() {
  Network network = random_network(mlp(), 1);
  for (float& value : network.parameters()) value = 3e37F;
  return write_safetensors(model_file(network, {}));
}

/// The weights that come with the page.
inline Bytes standard_weights() {
  return read_whole_file(in_source("/assets/standard.safetensors"));
}

/// The page's digits, or the first `count` of them.
inline Dataset page_digits(int count = 2000) {
  const std::string base = in_sample("/t10k-");
  const Dataset all = make_dataset(read_whole_file(base + "images-idx3-ubyte"), "images",
                                   read_whole_file(base + "labels-idx1-ubyte"), "labels");
  return slice(all, 0, count);
}

/// A seven, as a visitor would draw it.
inline std::vector<Stroke> drawn_seven() {
  return {{{{0.3F, 0.25F}, {0.7F, 0.25F}, {0.45F, 0.8F}}, 0.045F, false}};
}

struct PageFixture {
  std::vector<std::string> announced;
  std::vector<std::pair<std::string, Bytes>> saved;
  std::vector<std::string> links;
  std::vector<std::string> opened_rooms;
  bool clipboard = true;  // may be written
  int asked_for_weights = 0;
  int asked_for_picture = 0;
  int asked_networks = 0;
  std::vector<Message> to_page;  // delivered by work()
  Laboratory laboratory{[this](Message message) { to_page.push_back(std::move(message)); }};
  std::vector<Message> from_attacker;  // delivered by work()
  Laboratory attacker{[this](Message message) { from_attacker.push_back(std::move(message)); }};
  int restarts = 0;
  App app{
      {[this](Message message) { laboratory.receive(std::move(message)); },
       [this](Message message) { attacker.receive(std::move(message)); }, [this] { ++restarts; },
       [this](const std::string& name, const Bytes& content) { saved.emplace_back(name, content); },
       [this] { ++asked_for_weights; }, [this] { ++asked_for_picture; },
       [this](const std::string& fragment) {
         links.push_back(fragment);
         app.link_shared(clipboard);
       },
       [this](const std::string& sentence) { announced.push_back(sentence); },
       [this](const std::string& name) { opened_rooms.push_back(name); },
       [this] { ++asked_networks; }}};

  explicit PageFixture(const Bytes& weights = quick_weights()) {
    app.add_model("first", "First", "For tests.", weights);
  }
  PageFixture(const PageFixture&) = delete;
  PageFixture& operator=(const PageFixture&) = delete;

  void draw_seven() {
    app.pad.draw_over(drawn_seven());
    app.update();
  }
  /// One slice of the laboratory and of the attacker, and what they said.
  void work_once() {
    laboratory.work();
    for (const Message& message : std::exchange(to_page, {})) app.experiments().receive(message);
    attacker.work();
    for (const Message& message : std::exchange(from_attacker, {})) {
      app.receive_from_attacker(message);
    }
    app.update();
  }
  void work() {
    while (laboratory.busy() || attacker.busy()) work_once();
  }
};

}  // namespace inoculate::page
