// Everything that can be done with a key: what the keyboard obeys and the help panel lists.
#pragma once

#include <span>

#include "web/app/app.h"

namespace inoculate::page {

/// What is shown beside the panels.
struct Overlays {
  bool help = false;
  int tour_step = -1;  ///< -1 when the tour is over or was never begun
};

/// Keys are lower-case characters, or one of these.
enum SpecialKey : int { kKeyLeft = 256, kKeyRight, kKeyBackspace, kKeyEscape };

struct Action {
  int key;
  const char* key_name;  ///< as the help panel prints it
  const char* what;      ///< what it does, a few words
  void (*run)(App&, Overlays&);
};

std::span<const Action> actions();

/// Does what the key stands for; digits take a digit of that class. False when it stands for none.
bool press_key(App& app, Overlays& overlays, int key);

}  // namespace inoculate::page
