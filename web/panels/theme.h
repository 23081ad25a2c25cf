// How the page looks: its colours, letters and measures.
#pragma once

#include <imgui.h>

namespace inoculate::page {

/// The colours mean something: calm for a clean reading, alarm for a fooled one, signal for the
/// perturbation and the attacker, accent for what can be pressed.
namespace colors {
inline constexpr ImU32 kBackground = IM_COL32(13, 17, 27, 255);
inline constexpr ImU32 kPanel = IM_COL32(22, 28, 42, 255);
inline constexpr ImU32 kPanelEdge = IM_COL32(38, 47, 68, 255);
inline constexpr ImU32 kWell = IM_COL32(9, 12, 20, 255);  // what is drawn or plotted lies in it
inline constexpr ImU32 kControl = IM_COL32(40, 50, 74, 255);
inline constexpr ImU32 kControlHovered = IM_COL32(53, 66, 97, 255);
inline constexpr ImU32 kChosen = IM_COL32(58, 84, 146, 255);
inline constexpr ImU32 kText = IM_COL32(232, 236, 245, 255);
inline constexpr ImU32 kMuted = IM_COL32(158, 170, 194, 255);
inline constexpr ImU32 kFaint = IM_COL32(66, 78, 106, 255);
inline constexpr ImU32 kAccent = IM_COL32(108, 156, 255, 255);
inline constexpr ImU32 kAccentPressed = IM_COL32(84, 128, 224, 255);
inline constexpr ImU32 kOnAccent = IM_COL32(10, 16, 32, 255);
inline constexpr ImU32 kCalm = IM_COL32(64, 212, 174, 255);
inline constexpr ImU32 kAlarm = IM_COL32(255, 112, 105, 255);
inline constexpr ImU32 kSignal = IM_COL32(255, 196, 84, 255);
inline constexpr ImU32 kLowered = IM_COL32(92, 146, 255, 255);  // pixels made darker
// Networks beside one another, in the order of their list.
inline constexpr ImU32 kNetworks[] = {kAlarm, kSignal, kCalm, kLowered};
}  // namespace colors

struct Fonts {
  ImFont* body = nullptr;
  ImFont* small = nullptr;
  ImFont* title = nullptr;  // bold
  ImFont* brand = nullptr;  // bold, larger
  ImFont* digit = nullptr;  // the digit that is read
};

/// Sets ImGui's style for a page whose measures are `scale` times the base, with finger-sized
/// controls if `touch`.
void apply_style(float scale, bool touch);

/// Loads the fonts so that they are crisp: for measures of `scale` on a screen with `pixel_ratio`
/// physical pixels to one of the page. Whoever draws must upload the font texture anew.
Fonts load_fonts(float scale, float pixel_ratio);

}  // namespace inoculate::page
