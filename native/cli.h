// Names of CLI11, for headers that only mention them: its own header takes the compiler five
// seconds in each file that includes it, which those that add options do.
#pragma once

namespace CLI {
class App;
class Option;
class Validator;
}  // namespace CLI
