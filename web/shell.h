// The window around the panels: SDL, OpenGL and Dear ImGui.
#pragma once

#include <SDL.h>

#include <algorithm>

#include "web/app/app.h"
#include "web/panels/ui.h"
#include "web/textures.h"

namespace inoculate::page {

/// Opens a window (in a browser: takes the page's canvas) and shows the App in it, a frame a call.
class Shell {
 public:
  /// ImGui settles within a few frames of any change: hovering, layout, results.
  static constexpr int kSettlingFrames = 3;
  /// `on_event` is called, from wherever events arise, whenever a frame is wanted. Throws Error
  /// when there is no OpenGL to be had.
  Shell(App& app, std::function<void()> on_event);

  /// Takes in what has happened, and draws. True when the next frame should follow at once; else
  /// nothing changes until the next event.
  bool frame();
  /// Something changed that is no event of the window: draw again.
  void wake(int frames = kSettlingFrames) { frames_wanted_ = std::max(frames_wanted_, frames); }
  /// All that was given to OpenGL is gone: no frame may be drawn until the context is restored.
  void context_lost();
  void context_restored();

  /// How the visitor's system wants the page to look; may change at any time.
  void set_appearance(const Appearance& appearance);

  bool quit() const { return quit_; }
  Ui& ui() { return ui_; }

 private:
  void handle(const SDL_Event& event);
  void fit_to_window();

  App& app_;
  Ui ui_;
  Textures textures_;
  std::function<void()> on_event_;
  SDL_Window* window_ = nullptr;
  Appearance appearance_, shown_appearance_;
  float scale_ = 0;
  float pixel_ratio_ = 0;
  bool touch_ = false;
  int frames_wanted_ = kSettlingFrames;
  bool quit_ = false;
};

}  // namespace inoculate::page
