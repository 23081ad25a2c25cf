// The page's application without a page: what it asks of the browser comes to nothing.
#pragma once

#include "fuzz/small_weights.h"
#include "web/app/app.h"

namespace inoculate::page {

/// An application with a network and two digits.
struct QuietApp {
  App app{{[](Message) {}, [](Message) {}, [] {}, [](const std::string&, const Bytes&) {}, [] {},
           [] {}, [](const std::string&) {}, [](const std::string&) {}, [](const std::string&) {},
           [] {}}};

  QuietApp() {
    app.add_model("first", "First", "For tests.", fuzz::small_weights());
    Dataset digits;
    digits.labels = {7, 3};
    digits.pixels.assign(std::size_t{2} * kPictureSize, 0);
    for (std::size_t i = 300; i < 320; ++i) digits.pixels[i] = 255;
    app.set_digits(std::move(digits));
  }
};

}  // namespace inoculate::page
