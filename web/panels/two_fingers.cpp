#include <imgui_internal.h>

#include "web/panels/panels.h"

namespace inoculate::page {
namespace {

// Two fingers seldom come down at once: what the first left until then was not meant.
bool ends_in_slip(const std::vector<Stroke>& strokes) {
  constexpr double kLongest = 0.1;  // sides of the pad
  return !strokes.empty() && ink_of({&strokes.back(), 1}).length < kLongest;
}

}  // namespace

void begin_two_fingers(App& app, Ui& ui) {
  if (ui.drawing && ends_in_slip(app.pad.strokes())) app.pad.abandon_stroke();
  if (ui.drawing_line && ends_in_slip(app.attack.line)) app.attack.line.pop_back();
  ui.drawing = ui.drawing_line = ui.scrolling = false;
  ImGui::ClearActiveID();  // no button is pressed, no slider moved
}

}  // namespace inoculate::page
