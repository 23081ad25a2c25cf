#include <algorithm>

#include "web/panels/panels.h"

namespace inoculate::page {

void draw_focus(Ui& ui) {
  const auto own = ui.layout.find(ui.focus.name), panel = ui.layout.find(ui.focus.panel);
  const auto found = own != ui.layout.end() ? own : panel;
  if (found == ui.layout.end()) return;
  const ImVec4 r = found->second;
  const float margin = ui.em(3), page = ImGui::GetIO().DisplaySize.y;
  if (ui.focus != ui.focus_shown) {
    const float middle = r.y + std::min(r.w, page) / 2;
    if (r.y < 0 || r.y + std::min(r.w, page) > page) ui.scroll_by = middle - page / 2;
    ui.focus_shown = ui.focus;
  }
  ImGui::GetForegroundDrawList()->AddRect({r.x - margin, r.y - margin},
                                          {r.x + r.z + margin, r.y + r.w + margin}, colors::kSignal,
                                          ui.em(7), 0, ui.em(2.5F));
}

}  // namespace inoculate::page
