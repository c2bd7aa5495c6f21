#pragma once

// Clients of many processes in one: client_process.cpp takes the place of client/runtime/process.cpp. Clients that are
// made while a machine is set (Loops::setMachine) share its I/O loop, as the clients of a real process do.

namespace rtm::simulated {

struct Machine;

/// The clients of `machine` end without another word: their loop runs what was posted to it, and is gone. Outside of
/// all loops, when the clients have been released.
void endClientProcess(const Machine& machine);

}  // namespace rtm::simulated
