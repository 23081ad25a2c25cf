// What the panels share with one another and nobody else needs.
#pragma once

#include <imgui.h>

#include <algorithm>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "web/app/actions.h"
#include "web/panels/theme.h"

namespace inoculate::page {

/// The control of the page's mirror (app/mirror.h) that has the keyboard's focus, and its panel.
struct Focus {
  std::string name{}, panel{};
  bool operator==(const Focus&) const = default;
};

/// A square of `side` x `side` colours, as IM_COL32 makes them, row by row.
struct Pixels {
  int side = 0;
  std::span<const ImU32> colors;
  bool smooth = false;  ///< between their middles where they are enlarged; otherwise with edges
};

/// Puts the pixels of a frame's `number`-th picture, counted from 0, where the frame can show them.
/// Without a window there is no such place.
using TextureOf = std::function<ImTextureID(int number, const Pixels& pixels)>;

/// The state of the panels, and the measures of the frame being drawn. Lengths are in pixels of the
/// page (CSS pixels in a browser).
struct Ui {
  Overlays overlays;
  Fonts fonts;
  float scale = 1;       ///< of all measures
  bool stacked = false;  ///< panels one below the other, for fingers: see is_narrow
  float width = 0;       ///< of the panel being drawn, inside its padding
  float foot = 0;        ///< where panels side by side end on the screen, inside their padding
  /// Where things are, for scripts and tests: name to rectangle (left, top, width, height).
  std::map<std::string, ImVec4> layout;
  std::vector<ImVec2> trail;  ///< where the pointer was since the last frame, in order
  bool drawing = false;       ///< a stroke is being drawn on the pad
  bool drawing_line = false;  ///< or on the adversary
  float scroll_by = 0;        ///< how far the next frame is to scroll down
  int tour_shown = -1;        ///< the step of the tour that was brought into view
  bool scrolling = false;     ///< a finger drags the page
  float columns_height = 0;   ///< of the tallest panel in the last frame
  float attack_spare = 0;     ///< what the attack panel at its least left free in the last frame
  int chart = 0;              ///< which chart of the inoculation panel is shown
  int curves = 0;             ///< whose curves the attack panel shows: the digits', the networks'

  TextureOf texture_of = [](int, const Pixels&) { return ImTextureID{}; };
  int pictures = 0;  ///< shown so far in this frame

  Focus focus{}, focus_shown{};  ///< and the one that was brought into view

  float em(float units) const { return units * scale; }
  /// The height for what grows with the screen and has `below` under it: from `least` to `most`.
  float growing(float least, float most, float below) const {
    const float room = stacked ? 0 : foot - ImGui::GetCursorScreenPos().y - below;
    return std::clamp(room, least, most);
  }
  /// Notes where the last item is.
  void note(const char* name) { note(name, ImGui::GetItemRectMin(), ImGui::GetItemRectSize()); }
  void note(const char* name, ImVec2 low, ImVec2 size) {
    if (ImGui::IsWindowAppearing()) return;  // its first frame measures it and is not seen
    layout[name] = {low.x, low.y, size.x, size.y};
  }
};

}  // namespace inoculate::page
