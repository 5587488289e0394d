
{ "vm": { "memory": "4G" },
  "gpu": [] }
