// A drawing and its attack as the fragment of a link.
#pragma once

#include <string>
#include <string_view>

namespace inoculate::page {

class App;

/// "v=1&method=fgsm&epsilon=0.1&...&strokes=..." with everything needed to show the same again:
/// strokes, sample digit or pixels, and the attack's settings with the seed. No '#'.
std::string link_fragment(const App& app);

/// Restores what a fragment holds; what it does not hold stays as it is. Throws Error, leaving the
/// application as it was, when any of it is damaged or out of range.
void open_link(App& app, std::string_view fragment);

}  // namespace inoculate::page
