{
  "variables": {
    "base_sources": ["cpp/base/base64.cpp", "cpp/base/identifiers.cpp", "cpp/base/inflate.cpp"],
    "wire_sources": ["cpp/wire/codec.cpp", "cpp/wire/frame.cpp"],
    "net_sources": [],
    "client_sources": [],
    "server_sources": ["cpp/server/token.cpp", "cpp/server/token_006.cpp", "cpp/server/token_007.cpp"],
    "binding_sources": []
  }
}
