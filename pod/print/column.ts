/** A column of the API's Table (meta.k8s.io/v1), from which kubectl prints. */
export interface Column {
  name: string;
  type: 'string' | 'integer' | 'boolean';
  /** `name` marks the column that names the object. */
  format: string;
  description: string;
  /** 0 is always shown, 1 with `-o wide`. */
  priority: number;
}

export type Cell = string | number | boolean;

export const column = (name: string, description: string, type: Column['type'] = 'string'): Column => ({
  name,
  type,
  format: '',
  description,
  priority: 0,
});

export const wideColumn = (name: string, description: string): Column => ({
  ...column(name, description),
  priority: 1,
});

export const nameColumn: Column = { ...column('Name', "The object's name, unique in its namespace."), format: 'name' };
export const ageColumn: Column = column('Age', 'How long ago it was created.');
