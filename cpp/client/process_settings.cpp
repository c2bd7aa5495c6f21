#include "client/process_settings.hpp"

#include <mutex>
#include <utility>

#include "base/process_life.hpp"

namespace rtm::client {

namespace {

/// Settings that exist before the Process, and without it.
struct ProcessSettings {
  ProcessMutex mutex;
  std::string extraCas;
  LogSink observer;
};

ProcessSettings& processSettings() {
  static ProcessSettings* const kept = new ProcessSettings;  // never destroyed: threads may call until the process ends
  return *kept;
}

}  // namespace

void setExtraCertificateAuthorities(std::string pem) {
  const std::lock_guard lock(processSettings().mutex);
  processSettings().extraCas = std::move(pem);
}

std::string extraCertificateAuthorities() {
  const std::lock_guard lock(processSettings().mutex);
  return processSettings().extraCas;
}

void setLogObserver(LogSink sink) {
  const std::lock_guard lock(processSettings().mutex);
  processSettings().observer = std::move(sink);
}

LogSink logObserver() {
  const std::lock_guard lock(processSettings().mutex);
  return processSettings().observer;
}

}  // namespace rtm::client
