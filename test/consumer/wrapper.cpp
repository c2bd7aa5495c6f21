// The ways to a service of early programs and of the wrappers of other languages (the component "wrappers").
#include <IAgoraRtmService.h>
#include <IAgoraService.h>
#include <rtm_private_api.h>

#include <cstdio>
#include <cstring>
#include <memory>

namespace {

const char* const kAppId = "0123456789abcdef0123456789abcdef";

class Handler : public agora::rtm::IRtmServiceEventHandler {};

/// As a wrapper does.
agora::rtm::IRtmService* makeByWrapper() {
  agora::rtm::internal::setRtmAppType(2);
  return agora::rtm::createRtmService();
}

/// As programs did before 1.2.2; they delete the root, or release it.
agora::rtm::IRtmService* makeByRoot() {
  const std::unique_ptr<agora::base::IAgoraService> root(createAgoraService());
  const agora::base::AgoraServiceContext context;
  return root->initialize(context) == 0 ? root->createRtmService() : nullptr;
}

bool works(agora::rtm::IRtmService* service) {
  Handler handler;
  const bool initialized = service != nullptr && service->initialize(kAppId, &handler) == 0;
  if (service != nullptr) service->release(true);
  return initialized;
}

bool expect(const char* what, bool holds) {
  if (!holds) std::fprintf(stderr, "expected: %s\n", what);
  return holds;
}

}  // namespace

int main() {
  int build = -1;
  agora::base::IAgoraService* const root = createAgoraService();
  const bool all =
      expect("a service by a wrapper", works(makeByWrapper())) &&
      expect("a service by the root", works(makeByRoot())) &&
      expect("a service without initialize()", works(root->createRtmService())) &&
      expect("one app type for a process", !agora::rtm::internal::setRtmAppType(2)) &&
      expect("the first client type", agora::rtm::internal::setRtmClientType(39)) &&
      expect("one client type for a process", !agora::rtm::internal::setRtmClientType(39)) &&
      expect("the version of the surface", std::strcmp(root->getVersion(&build), "1.5.0") == 0 && build == 0) &&
      expect("the same version", std::strcmp(getAgoraSdkVersion(nullptr), "1.5.0") == 0) &&
      expect("no audio and video", root->createRtcEngine() == nullptr) &&
      expect("no loader of symbols", setAgoraSdkExternalSymbolLoader(nullptr) == -4) &&
      expect("words for that", std::strstr(getAgoraSdkErrorDescription(-4), "not supported") != nullptr);
  root->release();
  if (!all) return 1;
  std::printf("a service by each way\n");
  return 0;
}
