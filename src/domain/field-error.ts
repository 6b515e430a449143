/** What is wrong with one field of an object that a person wrote. */
export interface FieldError {
  /** Path in the object, such as `spec.parameters.images.allowedRegistries`. */
  readonly field: string;
  readonly message: string;
}
