// The API's reference at /docs: Swagger UI, out of its Python package, on the service's own OpenAPI document.

/* global SwaggerUIBundle */

SwaggerUIBundle({
  url: "openapi.json",
  domNode: document.getElementById("reference"),
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  filter: true,
  tryItOutEnabled: true,
  validatorUrl: null, // it would be asked at another host
});
