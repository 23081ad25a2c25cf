// The page as a native window: quick to work on. `inoculate_window MODEL.safetensors... [--data
// DIR]` is for developers; it reads what the page fetches.
#include <fstream>
#include <iostream>
#include <iterator>

#include "base/error.h"
#include "web/app/examples.h"
#include "web/lab/laboratory.h"
#include "web/shell.h"

using namespace inoculate;
using namespace inoculate::page;

namespace {

Bytes read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(path + ": cannot be read");
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void save(const std::string& name, const Bytes& content) {
  std::ofstream(name, std::ios::binary)
      .write(reinterpret_cast<const char*>(content.data()),
             static_cast<std::streamsize>(content.size()));
}

void run(const std::vector<std::string>& arguments) {
  Laboratory *laboratory = nullptr, *attacker = nullptr;
  App* that = nullptr;
  App app({[&](Message message) { laboratory->receive(std::move(message)); },
           [&](Message message) { attacker->receive(std::move(message)); }, [] {}, save, [] {},
           [] {},
           [&](const std::string& fragment) {
             std::cout << '#' << fragment << '\n';
             that->link_shared(false);
           },
           [](const std::string& sentence) { std::cout << sentence << "\n"; },
           [](const std::string&) {}, [] {}});
  that = &app;
  Laboratory lab([&](const Message& message) { app.experiments().receive(message); });
  laboratory = &lab;
  Laboratory attacks([&](const Message& message) { app.receive_from_attacker(message); });
  attacker = &attacks;
  std::string data = "build/sample";
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--data" && i + 1 < arguments.size()) {
      data = arguments[++i];
    } else {
      app.add_model(arguments[i], arguments[i], "", read(arguments[i]));
    }
  }
  app.set_digits(make_dataset(read(data + "/t10k-images-idx3-ubyte"), "images",
                              read(data + "/t10k-labels-idx1-ubyte"), "labels"));
  app.pad.show_example(example_drawing());
  Shell shell(app, [] {});
  while (!shell.quit()) {
    shell.frame();
    // Both work between frames, a few milliseconds of each.
    const Uint32 begin = SDL_GetTicks();
    const auto busy = [&] { return lab.busy() || attacks.busy(); };
    while (busy() && SDL_GetTicks() - begin < 10) {
      attacks.work();
      lab.work();
    }
    if (!busy()) SDL_WaitEventTimeout(nullptr, 50);
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::cerr << "inoculate_window: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
