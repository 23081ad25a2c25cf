// Texts of the digits' room, in English: what can be set, pressed and chosen. See panels.h.
#pragma once

#include <string>

#include "web/texts/printed.h"

namespace inoculate::texts {

/// Of a control: `label` as the canvas shows it, and `full` for those who see no panel around it,
/// which begins with the label.
struct ControlText {
  const char* label;
  const char* full;
};

/// The table of web/app/controls.cpp, by the names that the controls have there.
namespace controls {

inline constexpr ControlText network{"Network", "Network in use"};
inline constexpr ControlText save_weights{"Save weights", "Save weights to a file"};
inline constexpr ControlText load_weights{"Load", "Load weights from a file"};
inline constexpr ControlText link{"Link", "Link to this drawing and attack"};

inline constexpr ControlText eraser{"Eraser", "Eraser instead of the pen"};
inline constexpr ControlText undo{"Undo", "Undo on the pad"};
inline constexpr ControlText clear{"Clear", "Clear the pad"};
inline constexpr ControlText open_picture{"Picture", "Picture of a digit: open a file"};
inline constexpr ControlText previous_image{"Previous", "Previous image of the file"};
inline constexpr ControlText image_number{"Image", "Image of the file that is open, by its number"};
inline constexpr ControlText next_image{"Next", "Next image of the file"};
inline constexpr ControlText pen{"Pen", "Pen's width, in hundredths of the pad"};
inline constexpr ControlText any_digit{"Any", "Any digit of the sample"};
/// The full name of a button whose label is the digit.
inline std::string take_digit(int digit) {
  return printed("%d: take a digit of this class", digit);
}

inline constexpr ControlText method{"Attack", "Attack"};
inline constexpr ControlText target{"Target", "Target of the attack"};
inline constexpr const char* any_wrong_digit = "Any wrong digit";
inline std::string towards(int digit) { return printed("Towards %d", digit); }
inline constexpr ControlText epsilon{"Epsilon", "Epsilon: the most that any pixel may change"};
inline constexpr ControlText steps{"Steps", "Steps of the attack"};
inline constexpr ControlText queries{"Queries at most", "Queries at most"};
inline constexpr ControlText pixel_budget{"Pixels at most", "Pixels at most that may change"};
inline constexpr ControlText clear_line{"Remove the line", "Remove the line"};
inline constexpr ControlText smallest_epsilon{"Smallest epsilon that fools it",
                                              "Smallest epsilon that fools it: find it"};
inline constexpr ControlText cancel_attack{"Stop", "Stop the attack"};
inline constexpr ControlText attack_again{"Attack again",
                                          "Attack again, with other random numbers"};
inline constexpr ControlText save_adversary{"Save picture", "Save picture of the adversary"};
inline constexpr ControlText save_sheet{"Save sheet",
                                        "Save sheet of original, change and adversary"};
inline constexpr ControlText save_adversary_npy{"Adversary as .npy",
                                                "Adversary as .npy, for NumPy: save it"};
inline constexpr ControlText save_adversary_idx{"Adversary as IDX",
                                                "Adversary as IDX, as MNIST's are: save it"};
inline constexpr ControlText save_digit_png{"Digit as PNG",
                                            "Digit as PNG, as the network sees it: save it"};
inline constexpr ControlText save_digit_npy{"Digit as .npy", "Digit as .npy, for NumPy: save it"};
inline constexpr ControlText save_digit_idx{"Digit as IDX",
                                            "Digit as IDX, as MNIST's are: save it"};
inline constexpr ControlText ask_networks{
    "Ask networks of your own",
    "Ask networks of your own: takes the digit to the room Photographs"};

inline constexpr ControlText inoculation_count{"Adversaries", "Adversaries in an epoch"};
inline constexpr ControlText inoculation_epochs{"Epochs", "Epochs"};
inline constexpr ControlText inoculation_epsilon{"Their epsilon", "Their epsilon"};
inline constexpr ControlText inoculation_rate{"Learning rate", "Learning rate"};
inline constexpr ControlText inoculation_making{"Adversaries are made",
                                                "Adversaries are made: fresh or old ones"};
inline constexpr const char* fresh_each_epoch = "Fresh each epoch";
inline constexpr const char* replay_the_old = "Replay the old ones";
inline constexpr ControlText inoculation_mix{"Mix in as many clean digits",
                                             "Mix in as many clean digits"};
inline constexpr ControlText inoculate_button{"Inoculate", "Inoculate the network"};
inline constexpr ControlText pause{"Pause", "Pause the inoculation"};
inline constexpr ControlText resume{"Resume", "Resume the inoculation"};
inline constexpr ControlText stop{"Stop", "Stop the inoculation"};
inline constexpr ControlText reset{"Restore the original", "Restore the original weights"};
inline constexpr ControlText measure_curves{"Measure", "Measure robust accuracy over epsilon"};
inline constexpr ControlText stop_curves{"Stop", "Stop measuring"};

}  // namespace controls

/// What keys do, as the help lists it; and the names of keys that are no characters.
namespace keys {

inline constexpr const char* left = "Left";
inline constexpr const char* right = "Right";
inline constexpr const char* backspace = "Backspace";
inline constexpr const char* escape = "Esc";

inline constexpr const char* take_digit = "take a digit of that class";
inline constexpr const char* any_digit = "take any digit from the sample";
inline constexpr const char* open_picture = "open a picture of a digit";
inline constexpr const char* previous_image = "previous image of the file";
inline constexpr const char* next_image = "next image of the file";
inline constexpr const char* clear = "clear the pad";
inline constexpr const char* undo = "undo on the pad";
inline constexpr const char* eraser = "pen or eraser";
inline constexpr const char* thinner_pen = "thinner pen";
inline constexpr const char* thicker_pen = "thicker pen";
inline constexpr const char* fgsm = "attack by FGSM";
inline constexpr const char* bim = "attack by BIM";
inline constexpr const char* line = "attack by a line";
inline constexpr const char* next_attack = "next attack";
inline constexpr const char* clear_line = "remove the line";
inline constexpr const char* smaller_epsilon = "smaller epsilon";
inline constexpr const char* larger_epsilon = "larger epsilon";
inline constexpr const char* next_target = "next target digit";
inline constexpr const char* smallest_epsilon = "find the smallest epsilon";
inline constexpr const char* new_noise = "new random noise";
inline constexpr const char* inoculation = "inoculate, pause or resume";
inline constexpr const char* stop = "stop the inoculation";
inline constexpr const char* measure_curves = "measure the robust accuracy curves";
inline constexpr const char* reset = "restore the original weights";
inline constexpr const char* next_network = "next network";
inline constexpr const char* save_weights = "save the weights";
inline constexpr const char* load_weights = "open a weights file";
inline constexpr const char* save_adversary_png = "save the adversary as PNG";
inline constexpr const char* save_adversary_npy = "save the adversary as .npy";
inline constexpr const char* save_adversary_idx = "save the adversary as IDX";
inline constexpr const char* save_sheet = "save the sheet as PNG";
inline constexpr const char* link = "make a link";
inline constexpr const char* tour = "guided tour";
inline constexpr const char* help = "this help";
inline constexpr const char* close = "close help or tour; stop an attack";

}  // namespace keys

/// The attacks of web/attack/methods.cpp: `title` in lists, and how it works.
struct MethodText {
  const char* title;
  const char* lesson;
};

namespace methods {

inline constexpr MethodText fgsm{
    "FGSM",
    "The gradient of the loss says for each pixel whether more or less ink makes the network less "
    "sure. FGSM keeps only its sign and moves every pixel by epsilon that way. Noise of the same "
    "size does far less: the direction matters, not the amount."};
inline constexpr MethodText bim{
    "BIM",
    "The basic iterative method takes many small steps, each along the sign of the gradient at "
    "the place it has reached, and never leaves the epsilon around the original. It gets by "
    "with a smaller epsilon than one large step."};
inline constexpr MethodText line{
    "Line",
    "No gradient is needed to mislead: draw a straight line through the adversary by hand. Some "
    "lines do nothing, others turn one digit into another for the network alone."};
inline constexpr MethodText pgd{
    "PGD",
    "Projected gradient descent is BIM from a random start within epsilon: the attack that "
    "defences are trained against and measured by."};
inline constexpr MethodText deepfool{
    "DeepFool",
    "DeepFool treats the network as linear, steps to the nearest boundary, looks again and "
    "repeats. It has no epsilon: it looks for the smallest change, here in L2."};
inline constexpr MethodText jsma{
    "JSMA",
    "The saliency map attack changes few pixels, but those completely: two at a time, where the "
    "gradients of the classes promise most."};
inline constexpr MethodText square{
    "Square",
    "Square sees no gradient. It puts squares of one shade at random places and keeps those that "
    "make the network less sure. Each costs a query."};
inline constexpr MethodText nes{
    "NES",
    "NES guesses the gradient from the network's answers to noisy copies of the picture, and "
    "steps along it as BIM would. It pays in queries."};
inline constexpr MethodText noise{
    "Noise",
    "Uniform noise, the best of as many draws as there are queries: what chance can do without "
    "any direction."};
inline constexpr MethodText line_search{
    "Line search",
    "One straight stroke, its ends, width and shade found by trying: half of the tries are "
    "random, the others change the best stroke so far."};
inline constexpr MethodText spatial{
    "Turn and shift",
    "The picture is turned by up to 30 degrees and moved by up to 3 pixels, whichever misleads "
    "most. No pixel is made up."};

}  // namespace methods

}  // namespace inoculate::texts
