{
  "target_defaults": {
    "cflags_cc": ["-std=c++20", "-Wall", "-Wextra", "-fno-exceptions", "-fno-rtti", "-O2", "-g1", "-fvisibility=hidden"],
    "cflags_cc!": ["-std=gnu++17", "-std=gnu++20", "-fexceptions", "-frtti"],
    "cflags": ["-fPIC"]
  },
  "targets": [
    {
      "target_name": "bulkhead_core",
      "type": "static_library",
      "sources": [
        "<!@(ls native/core/*.cc)",
        "native/core/spawn/tight-filter.cc",
        "<!@(ls native/device/*.cc)",
        "<!@(ls native/pixel/*.cc)"
      ]
    },
    {
      "target_name": "bulkhead",
      "dependencies": ["bulkhead_core"],
      "sources": [
        "<!@(ls native/addon/*.cc)"
      ],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": ["NAPI_VERSION=8", "NODE_ADDON_API_DISABLE_CPP_EXCEPTIONS"]
    }
  ]
}
