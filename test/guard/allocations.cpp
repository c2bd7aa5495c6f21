// Alone in its file and compiled alone: elsewhere the compiler takes free() for a mistake.
#include "allocations.hpp"

#include <cstdlib>
#include <new>

namespace {
thread_local std::size_t tAllocations = 0;
}

std::size_t rtm::guard::allocations() {
  return tAllocations;
}

void* operator new(std::size_t size) {
  ++tAllocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
