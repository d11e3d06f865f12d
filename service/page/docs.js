// @ts-check
// The API reference at /docs: Swagger UI, from its Python package, shows the service's own OpenAPI document.

SwaggerUIBundle({
  url: "openapi.json",
  domNode: document.getElementById("reference"),
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  filter: true,
  tryItOutEnabled: true,
  validatorUrl: null, // the validator is on another host
});
