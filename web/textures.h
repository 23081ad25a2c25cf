// The pictures of the page on the graphics card.
#pragma once

#include <SDL_opengles2.h>

#include <cstddef>
#include <vector>

#include "web/panels/ui.h"

namespace inoculate::page {

/// A texture for each picture of a frame, kept for the next frame and filled again only when the
/// picture changed.
class Textures {
 public:
  /// What ImGui is to draw for a frame's `number`-th picture; see TextureOf.
  ImTextureID of(int number, const Pixels& pixels);
  /// All that was given to OpenGL is gone.
  void forget() { textures_.clear(); }

 private:
  struct Texture {
    GLuint name = 0;
    bool smooth = false;
    std::vector<ImU32> colors;
  };
  static void fill(Texture& texture, const Pixels& pixels);

  std::vector<Texture> textures_;
};

}  // namespace inoculate::page
